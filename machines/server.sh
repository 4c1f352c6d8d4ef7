#!/bin/sh
# Makes a host the server: what is for the client's network goes to the router.
set -eu
ip route replace 10.80.1.0/24 via 10.80.2.254
