#!/bin/sh
# Makes a host the router between client and server. machines/path.sh limits what it
# carries.
set -eu
echo 1 >/proc/sys/net/ipv4/ip_forward
