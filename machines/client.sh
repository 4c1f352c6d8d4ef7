#!/bin/sh
# Makes a host the client: what is for the server's network goes to the router.
set -eu
ip route replace 10.80.2.0/24 via 10.80.1.254
