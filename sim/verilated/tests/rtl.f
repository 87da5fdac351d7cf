// A stand-in with the pins of the endpoint.
loopback.sv
loopback_cov.sv
