#!/usr/bin/env python3
"""Prints the volumes of a Gluster cluster and then what changes, from GlusterBus's notifier dbus. Needs python3-gi.

    ./listener.py             on the system bus
    ./listener.py ADDRESS     on another one, such as unix:path=/run/other/bus
"""
import json
import sys

from gi.repository import Gio, GLib

NAME, ROOT, VOLUME = "org.glusterbus", "/org/glusterbus", "org.glusterbus.Volume"
STATUS = {0: "created", 1: "started", 2: "stopped"}


def connect():
    if len(sys.argv) == 1:
        return Gio.bus_get_sync(Gio.BusType.SYSTEM)
    flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(sys.argv[1], flags, None, None)


def appeared(bus, name, owner):
    """GlusterBus is there, for the first time or again: what it shows now counts, whatever was missed."""
    reply = bus.call_sync(NAME, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", None, None, Gio.DBusCallFlags.NONE, -1)
    for path, interfaces in sorted(reply.unpack()[0].items()):
        volume = interfaces.get(VOLUME)
        if volume:
            # What nobody knows is absent: ask with get.
            print("volume", volume["Name"], STATUS.get(volume.get("Status"), "unknown"), volume["Health"], flush=True)


def vanished(bus, name):
    print("GlusterBus is not on the bus", file=sys.stderr, flush=True)


def changed(bus, sender, path, interface, signal, arguments):
    entity, previous, current, severity, text = arguments.unpack()
    event = json.loads(text)  # the CloudEvent, as every receiver gets it
    print(event["time"], severity, event["id"], event["data"]["change"], flush=True)


loop = GLib.MainLoop()
connection = connect()
connection.set_exit_on_close(False)
connection.connect("closed", lambda *_: loop.quit())
connection.signal_subscribe(NAME, "org.glusterbus.Events", "StateChanged", ROOT, None, Gio.DBusSignalFlags.NONE, changed)
Gio.bus_watch_name_on_connection(connection, NAME, Gio.BusNameWatcherFlags.NONE, appeared, vanished)
loop.run()
sys.exit("the bus has ended")  # whoever supervises this program starts it again
