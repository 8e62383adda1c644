"""The claims that a policy makes of a network, one module and one code each."""
