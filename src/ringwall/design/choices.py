"""Decisions of ours that no law of AWS dictates, each with its reason, in one place."""

from __future__ import annotations

#: Days for which logs are kept: a twelve-month SOC 2 period and a month to audit it. HIPAA asks for
#: six years of documentation (45 CFR 164.316), not of logs; who wants more raises this.
LOG_DAYS = 400
#: Days after which a log object moves to infrequent access: incidents are looked into before that.
LOG_COLD_DAYS = 90
#: Days for which an overwritten or deleted object can still be brought back.
OLD_VERSION_DAYS = 90
#: Days after which the parts of an upload that nobody finished are removed.
UNFINISHED_UPLOAD_DAYS = 7
#: The longest wait that KMS offers before a key is gone for good.
KEY_WAIT_DAYS = 30

#: Seconds without a byte after which a load balancer gives up. The default of 60 cuts language
#: models off that think for a minute before their first token.
IDLE_SECONDS = 300
#: Seconds for which a target finishes its requests before it leaves: a long answer is one request.
DRAIN_SECONDS = 300
#: Seconds for which a new instance may start before its health counts.
START_SECONDS = 300
#: Average CPU, in percent, at which a service's group grows.
CPU_TARGET = 60.0
#: GiB of a root volume where the image does not ask for more.
ROOT_GIB = 30

#: UTC. Backups end before maintenance begins; Sunday's small hours in Europe and the Americas.
BACKUP_WINDOW = "03:00-04:00"
MAINTENANCE_WINDOW = "sun:05:00-sun:06:00"
#: The database's first user. Not `postgres` (scanners flag the default name); RDS keeps `admin` for
#: itself.
DATABASE_USER = "dbowner"
#: Seconds between two readings of a database's operating system.
MONITORING_SECONDS = 60
#: Days of query statistics that cost nothing.
INSIGHTS_DAYS = 7
#: A primary and one replica in another zone.
CACHE_NODES = 2
