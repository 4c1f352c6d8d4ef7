#!/bin/sh
# Puts the flowlab that was built on the host, if it was, where every user has it, and
# lets it capture.
set -eu
if [ ! -x /vagrant/machines/flowlab ]; then
	echo 'there is no machines/flowlab: build it with' >&2
	echo '  CGO_ENABLED=0 GOOS=linux go build -o machines/flowlab ./cmd/flowlab' >&2
	echo 'and provision again: vagrant provision' >&2
	exit 0
fi
install /vagrant/machines/flowlab /usr/local/bin/flowlab
setcap cap_net_raw=ep /usr/local/bin/flowlab
