#!/bin/sh
# Sets what the router lets through, and how late. Run it on the router.
#
#	path.sh [rate RATE] [queue BYTES] [delay TIME] [loss PERCENT]
#	path.sh
#
# RATE is of the way to the server, as tc(8) writes it (20mbit), QUEUE what may wait
# for it (200000). Delay and loss are of both ways, each, and need netem, which some
# kernels do not have. Without arguments nothing is limited.
set -eu

rate='' queue=200000 delay=0ms loss=0%
while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || { echo "path.sh: $1 needs a value" >&2; exit 2; }
	case $1 in
	rate) rate=$2 ;;
	queue) queue=$2 ;;
	delay) delay=$2 ;;
	loss) loss=$2 ;;
	*) echo "path.sh: $1 is none of rate, queue, delay and loss" >&2; exit 2 ;;
	esac
	shift 2
done

# device ADDRESS prints the device that has an address.
device() { ip -o -4 addr show to "$1" | awk '{ print $2; exit }'; }

to_client=$(device 10.80.1.254)
to_server=$(device 10.80.2.254)
if [ -z "$to_client" ] || [ -z "$to_server" ]; then
	echo 'path.sh: this is not the router' >&2
	exit 1
fi

for dev in "$to_client" "$to_server"; do
	tc qdisc del dev "$dev" root 2>/dev/null || true # there may be none
done
if [ "$delay $loss" != '0ms 0%' ]; then
	for dev in "$to_client" "$to_server"; do
		if ! tc qdisc add dev "$dev" root handle 1: netem delay "$delay" loss "$loss" limit 100000; then
			echo 'path.sh: this kernel has no netem: no delay and no loss' >&2
			exit 1
		fi
	done
fi
if [ -n "$rate" ]; then
	under=root
	[ "$delay $loss" = '0ms 0%' ] || under='parent 1:1'
	# shellcheck disable=SC2086 # two words, or one
	tc qdisc add dev "$to_server" $under handle 10: tbf rate "$rate" burst 16kb limit "$queue"
fi
