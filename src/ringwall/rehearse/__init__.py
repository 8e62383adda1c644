"""The network played by the Linux kernel: namespaces, routing tables, nftables, real packets."""
