#!/bin/bash
# cluster.sh - real multi-node GlusterFS on one machine, one set of namespaces per node
# (net + mount + uts + pid).  Needs root, glusterfs-server, iproute2, util-linux (unshare/nsenter).
#
#   up N                  wipe state, start switch netns + N nodes gl1..glN, glusterd on each, peer probe all
#   up N --no-probe       same, without peer probe
#   exec NODE CMD...      run CMD inside node (all 4 namespaces), e.g.  exec gl1 gluster volume info
#   host CMD...           run CMD in the switch netns (10.77.0.254) with the cluster's /etc/hosts: mounts, webhook receivers
#   glusterd-stop NODE [SIG]   kill only glusterd (bricks/shd survive)     glusterd-start NODE
#   node-kill NODE        power-off: SIGKILL the node's pid-namespace init = all its processes at once
#   node-start NODE       boot it again (same data dir), start glusterd
#   link NODE down|up     unplug / plug the network cable (bridge side of the veth)
#   brick-pid NODE VOL [N]     pid (inside node) of the brick process(es) of VOL on NODE
#   brick-kill NODE VOL        kill -9 these
#   eventsd NODE          start glustereventsd in NODE      eventsd-stop NODE
#   status                list nodes, pids
#   down [--purge]        kill every node by the pid recorded at start, delete netns; --purge also removes data
#
# env: GL_ROOT (a folder of its own below TMPDIR)  GL_PREFIX (gl)  GL_NET (10.77.0)  GL_XFS=1 (loop XFS image per node at /srv,
#      no 'force' needed then)  GL_XFS_MB (400)  GL_LOGLEVEL (INFO)
#      GL_GLUSTERD_ARGS (e.g. --log-buf-size=0 : glusterd writes log lines at once instead of up to 120 s late)
set -u
ROOT=${GL_ROOT:-${TMPDIR:-/tmp}/glusterbus-lab}; PFX=${GL_PREFIX:-gl}; NET=${GL_NET:-10.77.0}; SW=${PFX}sw
die(){ echo "cluster.sh: $*" >&2; exit 1; }
num(){ echo "${1#"$PFX"}"; }
initpid(){ cat "$ROOT/$1/init.pid" 2>/dev/null; }
alive(){ local p; p=$(initpid "$1") && [ -n "$p" ] && [ -d "/proc/$p" ]; }
nx(){ local n=$1; shift; alive "$n" || die "node $n not running"; nsenter -t "$(initpid "$n")" -m -u -n -p -- "$@"; }

node_boot(){ # NODE : start namespaces + init (pid 1 = tini, reaps orphans: bricks/shd daemonize)
  local n=$1 d=$ROOT/$1
  ip netns exec "$n" true 2>/dev/null || die "no netns $n"
  local rdy=$d/ready; rm -f "$rdy"
  setsid nsenter --net=/run/netns/"$n" unshare --mount --uts --pid --fork --mount-proc --kill-child \
     bash "$ROOT/node-init.sh" "$n" "$d" "$ROOT" >>"$d/init.log" 2>&1 </dev/null &
  local up=$! i
  for i in $(seq 100); do [ -e "$rdy" ] && break; sleep 0.05; done
  [ -e "$rdy" ] || die "node $n did not boot: $(tail -3 "$d/init.log")"
  # setsid may fork; find the unshare process by walking children, then its child = pid-ns init
  local c=$up k
  for i in 1 2 3 4; do
    k=$(cat /proc/"$c"/task/*/children 2>/dev/null | tr -d '\n'); k=${k%% *}
    [ -z "$k" ] && break
    c=$k; [ "$(readlink /proc/"$c"/ns/pid)" != "$(readlink /proc/self/ns/pid)" ] && break
  done
  [ "$(readlink /proc/"$c"/ns/pid)" != "$(readlink /proc/self/ns/pid)" ] || die "no init pid for $n"
  echo "$c" >"$d/init.pid"
}
glusterd_start(){ nx "$1" /usr/sbin/glusterd -p /var/run/glusterd.pid --log-level "${GL_LOGLEVEL:-INFO}" ${GL_GLUSTERD_ARGS:-}; }
glusterd_wait(){ local i; for i in $(seq 100); do nx "$1" gluster --mode=script pool list >/dev/null 2>&1 && return 0; sleep 0.1; done; die "glusterd on $1 does not answer"; }

cmd_up(){
  local N=$1 probe=1; [ "${2:-}" = --no-probe ] && probe=0
  [ -d "$ROOT" ] && cmd_down --purge
  mkdir -p "$ROOT"
  cat >"$ROOT/node-init.sh" <<'INIT'
# runs as pid 1 of the node's pid namespace
set -e
n=$1; d=$2; root=$3
hostname "$n"
mount -t tmpfs tmpfs /run; mkdir -p /run/gluster /run/lock   # /var/run -> /run : sockets, pid files
mount --bind "$d/lib" /var/lib/glusterd
mount --bind "$d/log" /var/log/glusterfs
mount --bind "$d/etc" /etc/glusterfs
mount --bind "$root/hosts" /etc/hosts
:
if [ -e "$d/disk.img" ]; then mount -o loop "$d/disk.img" "$d/bricks"; fi
mount --bind "$d/mnt" /mnt
mount --bind "$d/bricks" /srv        # bricks live in /srv inside the node
touch "$d/ready"
if command -v tini >/dev/null; then exec tini -g -- sleep infinity; fi
while :; do sleep 3600 & wait $!; done
INIT
  ip netns add "$SW" || die "netns add"
  ip -n "$SW" link set lo up
  ip -n "$SW" link add br0 type bridge; ip -n "$SW" addr add "$NET.254/24" dev br0; ip -n "$SW" link set br0 up
  { echo "127.0.0.1 localhost"; echo "$NET.254 ${PFX}host"; for i in $(seq "$N"); do echo "$NET.$i $PFX$i"; done; } >"$ROOT/hosts"
  echo "$N" >"$ROOT/N"
  local i n d
  for i in $(seq "$N"); do
    n=$PFX$i; d=$ROOT/$n
    mkdir -p "$d"/{log/bricks,etc,bricks,mnt}
    cp -a /var/lib/glusterd "$d/lib"; rm -rf "$d/lib/glusterd.info" "$d/lib/peers" "$d/lib/vols"
    cp -a /etc/glusterfs/. "$d/etc/"
    if [ -n "${GL_XFS:-}" ]; then truncate -s "${GL_XFS_MB:-400}M" "$d/disk.img"; mkfs.xfs -q -i size=512 "$d/disk.img"; fi
    ip netns add "$n"; ip -n "$n" link set lo up
    ip link add "v$i" netns "$SW" type veth peer name eth0 netns "$n"
    ip -n "$SW" link set "v$i" master br0 up
    ip -n "$n" addr add "$NET.$i/24" dev eth0; ip -n "$n" link set eth0 up
    node_boot "$n"; glusterd_start "$n"
  done
  for i in $(seq "$N"); do glusterd_wait "$PFX$i"; done
  if [ $probe = 1 ]; then for i in $(seq 2 "$N"); do nx "${PFX}1" gluster --mode=script peer probe "$PFX$i"; done
    [ "$N" -gt 1 ] && { nx "${PFX}2" gluster --mode=script peer probe "${PFX}1" >/dev/null; sleep 1; }; fi
  echo "cluster up: $N nodes, root $ROOT"
}
cmd_down(){
  local d n p
  for d in "$ROOT"/"$PFX"[0-9]*; do [ -d "$d" ] || continue; n=${d##*/}
    p=$(cat "$d/init.pid" 2>/dev/null)
    if [ -n "$p" ] && [ -d "/proc/$p" ] && [ "$(readlink /proc/"$p"/ns/pid)" != "$(readlink /proc/self/ns/pid)" ]; then
      kill -9 "$p"; for i in $(seq 100); do [ -d "/proc/$p" ] || break; grep -q '^State:.Z' "/proc/$p/status" 2>/dev/null && break; sleep 0.05; done; fi
    rm -f "$d/init.pid"; [ -e "/run/netns/$n" ] && ip netns del "$n"
  done
  [ -e "/run/netns/$SW" ] && ip netns del "$SW"
  [ "${1:-}" = --purge ] && [ -n "$ROOT" ] && [ "$ROOT" != / ] && rm -rf --one-file-system "$ROOT"
  return 0
}
case "${1:-}" in
  up) shift; cmd_up "$@";;
  down) shift; cmd_down "$@";;
  exec) shift; n=$1; shift; nx "$n" "$@";;
  host) shift; ip netns exec "$SW" unshare -m bash -c 'mount --bind "$0/hosts" /etc/hosts; exec "$@"' "$ROOT" "$@";;
  glusterd-stop) p=$(nx "$2" cat /var/run/glusterd.pid) || exit 1; nx "$2" kill "-${3:-TERM}" "$p"; for i in $(seq 100); do nx "$2" test -d "/proc/$p" || break; sleep 0.05; done;;
  glusterd-start) glusterd_start "$2";;
  node-kill) p=$(initpid "$2"); [ -n "$p" ] || die "not running"; kill -9 "$p"; for i in $(seq 100); do [ -d "/proc/$p" ] || break; sleep 0.05; done; rm -f "$ROOT/$2/init.pid";;
  node-start) node_boot "$2"; glusterd_start "$2";;
  link) ip -n "$SW" link set "v$(num "$2")" "$3";;
  brick-pid) nx "$2" bash -c 'for f in /run/gluster/vols/'"$3"'/*.pid; do [ -e "$f" ] && cat "$f"; done';;
  brick-kill) for p in $("$0" brick-pid "$2" "$3"); do nx "$2" kill -9 "$p"; echo "killed $p"; done;;
  eventsd) nx "$2" bash -c 'setsid /usr/sbin/glustereventsd >>/var/log/glusterfs/eventsd.out 2>&1 </dev/null & echo $! >/run/gl-eventsd.pid';;
  eventsd-stop) nx "$2" bash -c 'p=$(cat /run/gl-eventsd.pid) || exit 1; k=$(cat /proc/$p/task/*/children); kill -9 $p $k; rm -f /run/gl-eventsd.pid';;  # its own pid file vanishes at once (bug)
  status) for d in "$ROOT"/"$PFX"[0-9]*; do n=${d##*/}; if alive "$n"; then echo "$n init=$(initpid "$n") $(nx "$n" ps -eo pid,comm --no-headers | grep -E 'gluster' | awk '{printf "%s:%s ",$2,$1}')"; else echo "$n down"; fi; done;;
  *) sed -n '2,25p' "$0"; exit 2;;
esac
