#!/usr/bin/env python3
"""Prints what changes in a Gluster cluster, a line for each transition on GlusterBus's channels. Needs python3-pika.

    AMQP_URL=amqp://user:password@mq1/%2F ./consumer.py EXCHANGE KEY [QUEUE]
    ./consumer.py glusterbus.brick 'prod.*.offline' ops.printer
"""
import collections
import json
import os
import sys
import time

import pika
import pika.exceptions

exchange, key, queue = (sys.argv[1:] + ["glusterbus.all", "#", ""][len(sys.argv) - 1:])[:3]
parameters = pika.URLParameters(os.environ.get("AMQP_URL", "amqp://localhost/%2F"))
parameters.heartbeat = 10  # seconds: a broker that was cut off is noticed after two of them
seen = collections.OrderedDict()  # ids of this run; if the work must never be done twice, keep the id beside its result


def work(event):
    data = event["data"]
    print(event["time"], data["severity"], event["id"], data["change"], flush=True)


def consume(channel):
    if queue:
        # Durable: it gathers while this program is away. Choose it when nothing may be missed. A week without it ends the queue,
        # so that a consumer that was forgotten does not fill the broker.
        channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum", "x-expires": 7 * 24 * 3600 * 1000})
        name = queue
    else:
        # Exclusive: it lives as long as the connection. Choose it to look on, when only the present counts.
        name = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(name, exchange, key)
    channel.basic_qos(prefetch_count=50)
    print(f"listening to {exchange} {key}", file=sys.stderr, flush=True)
    for method, _, body in channel.consume(name):
        try:
            event = json.loads(body)
            if event["id"] not in seen:  # a repetition has the same id
                work(event)
                seen[event["id"]] = True
                if len(seen) > 10_000:
                    seen.popitem(last=False)
        except (ValueError, KeyError, TypeError) as error:
            print(f"dropped what is no transition: {error!r}", file=sys.stderr, flush=True)
        channel.basic_ack(method.delivery_tag)  # only now: what was not worked on comes again


while True:
    try:
        with pika.BlockingConnection(parameters) as connection:
            consume(connection.channel())
    except (pika.exceptions.AMQPError, OSError) as error:
        print(f"the broker is away or refuses: {error!r}; trying again", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        sys.exit()
    time.sleep(1)
