#!/bin/sh
# The three machines of the Vagrantfile as network namespaces of this host, set up by
# the same scripts. Needs root, Linux and iproute2.
#
#	namespaces.sh up
#	namespaces.sh exec client|router|server COMMAND...
#	namespaces.sh down
#
# The namespaces are named flowlab-client and so on, or as $FLOWLAB_HOSTS says in
# place of "flowlab-".
set -eu

here=$(cd "$(dirname "$0")" && pwd)
hosts=${FLOWLAB_HOSTS:-flowlab-}

up() {
	trap down EXIT # half of it is none
	for host in client router server; do
		ip netns add "$hosts$host"
		ip -n "$hosts$host" link set lo up
	done
	link client 10.80.1.2 left 10.80.1.254
	link server 10.80.2.2 right 10.80.2.254
	for host in client router server; do
		ip netns exec "$hosts$host" sh "$here/$host.sh"
	done
	trap - EXIT
}

# link HOST ADDRESS DEVICE ADDRESS joins a host with the router.
link() {
	ip -n "${hosts}router" link add "$3" type veth peer name eth1 netns "$hosts$1"
	ip -n "$hosts$1" addr add "$2/24" dev eth1
	ip -n "${hosts}router" addr add "$4/24" dev "$3"
	ip -n "$hosts$1" link set eth1 up
	ip -n "${hosts}router" link set "$3" up
}

down() {
	for host in client router server; do
		ip netns del "$hosts$host" 2>/dev/null || true # it may not be there
	done
}

case ${1:-} in
up) up ;;
down) down ;;
exec)
	[ $# -ge 3 ] || { echo 'namespaces.sh: exec needs a host and a command' >&2; exit 2; }
	host=$2
	shift 2
	exec ip netns exec "$hosts$host" "$@"
	;;
*)
	echo 'usage: namespaces.sh up | exec client|router|server COMMAND... | down' >&2
	exit 2
	;;
esac
