#!/bin/sh
# Prints what changes in a Gluster cluster, a line for each transition on GlusterBus's channels. Needs amqp-tools and jq.
#
#   AMQP_OPTIONS='--server=mq1 --authfile=/etc/ops/amqp' ./consumer.sh EXCHANGE KEY [QUEUE]
#   ./consumer.sh glusterbus.brick 'prod.*.offline' ops.printer
#
# The authfile has two lines, `username:…` and `password:…`: options like --password show in `ps`.
set -eu

if [ "${1:-}" = one-message ]; then
  # One message, on standard input. Exit code 0 acknowledges it; what failed comes again after the next connect.
  event=$(cat)
  if ! id=$(printf '%s' "$event" | jq -er .id); then
    echo 'dropped what is no transition' >&2
    exit 0
  fi
  # A repetition has the same id.
  if ! grep -qxF -e "$id" "$SEEN"; then
    printf '%s' "$event" | jq -r '"\(.time) \(.data.severity) \(.id) \(.data.change)"'
    echo "$id" >>"$SEEN"
  fi
  exit 0
fi

exchange=${1:-glusterbus.all}
key=${2:-#}
queue=${3:-}
options="--heartbeat=10 ${AMQP_OPTIONS:-}"

if [ -n "$queue" ]; then
  # Durable: it gathers while this program is away. Choose it when nothing may be missed. amqp-tools can't bind a queue that stays;
  # an administrator does it once, when it was declared:
  #   rabbitmqadmin declare binding source=glusterbus.brick destination=ops.printer routing_key='prod.*.offline'
  SEEN=${SEEN:-$HOME/.$queue.seen}
  set -- --queue="$queue"
else
  # Exclusive: it lives as long as the connection. Choose it to look on, when only the present counts.
  SEEN=$(mktemp)
  set -- --exclusive --exchange="$exchange" --routing-key="$key"
fi
export SEEN
touch "$SEEN"
consumer=
trap 'kill $consumer 2>/dev/null || true; [ -n "$queue" ] || rm -f "$SEEN"; exit 0' INT TERM

# shellcheck disable=SC2086 # several options are meant to become several words
while :; do
  tail -n 10000 "$SEEN" >"$SEEN.new" && mv "$SEEN.new" "$SEEN"
  if [ -z "$queue" ] || amqp-declare-queue $options --durable --queue="$queue" >/dev/null; then
    echo "listening to ${queue:-$exchange $key}" >&2
    amqp-consume $options --prefetch-count=1 "$@" "$0" one-message &
    consumer=$!
    wait "$consumer" || true
  fi
  echo 'the broker is away or refuses; trying again' >&2
  sleep 1
done
