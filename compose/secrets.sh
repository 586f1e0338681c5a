#!/bin/sh
# Makes the passwords and accounts of compose.yaml in compose/secrets, once. Needs openssl. Delete the folder to have new ones.
#
# Each role gets an account that may do what the role does and nothing else (docs/security.md).
set -eu
folder=${1:-$(dirname -- "$(readlink -f -- "$0")")/secrets}
if [ -d "$folder" ]; then
  echo "secrets.sh: $folder is there already; delete it to have new passwords" >&2
  exit 0
fi

# The folder is closed. The files in it are open, since compose hands each to a container whose user is not this one.
umask 022
rm -rf "$folder.new"
mkdir -p "$folder.new"
chmod 700 "$folder.new"
cd "$folder.new"
for account in rabbitmq-admin rabbitmq-collector rabbitmq-router rabbitmq-notifier rabbitmq-demo redis-router redis-reader; do
  openssl rand -hex 24 >"$account"
done

# As RabbitMQ keeps a password: four bytes of salt, and the SHA-256 of salt and password.
rabbitmq_hash() {
  salt=$(openssl rand -hex 2)
  { printf %s "$salt"; printf %s%s "$salt" "$(cat "$1")" | openssl dgst -sha256 -binary; } | openssl base64 -A
}

user() {
  printf '    { "name": "glusterbus-%s", "password_hash": "%s", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": [%s] }' "$1" "$(rabbitmq_hash "rabbitmq-$1")" "$2"
}

cat >rabbitmq-definitions.json <<END
{
  "vhosts": [{ "name": "/" }],
  "users": [
$(user admin '"administrator"'),
$(user collector ''),
$(user router ''),
$(user notifier ''),
$(user demo '')
  ],
  "permissions": [
    { "user": "glusterbus-admin", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" },
    { "user": "glusterbus-collector", "vhost": "/", "configure": "^$", "write": "^glusterbus\\\\.observations$", "read": "^$" },
    { "user": "glusterbus-router", "vhost": "/", "configure": "^glusterbus\\\\.(?!notify\\\\.)", "write": "^(glusterbus\\\\.(?!notify\\\\.)|amq\\\\.default$)", "read": "^glusterbus\\\\.(?!notify\\\\.)" },
    { "user": "glusterbus-notifier", "vhost": "/", "configure": "^glusterbus\\\\.notify\\\\.", "write": "^glusterbus\\\\.notify\\\\.", "read": "^glusterbus\\\\.(?!observations)" },
    { "user": "glusterbus-demo", "vhost": "/", "configure": "^amq\\\\.gen", "write": "^(glusterbus\\\\.observations$|amq\\\\.gen)", "read": "^(glusterbus\\\\.all$|amq\\\\.gen)" }
  ]
}
END

redis_hash() {
  tr -d '\n' <"$1" | openssl dgst -sha256 -r | cut -d ' ' -f 1
}

cat >redis-accounts.acl <<END
user default reset off
user glusterbus-router on #$(redis_hash redis-router) ~{glusterbus:*}* ~glusterbus:* resetchannels -@all +eval +evalsha +time +hget +hmget +hset +hdel +hlen +hscan +xadd +xlen +xrange +xrevrange +xtrim +sadd +smembers +unlink +ping +info +select +cluster|nodes +client|setname +client|id
user glusterbus-reader on #$(redis_hash redis-reader) ~{glusterbus:*}* ~glusterbus:* resetchannels -@all +hget +hscan +xrange +xrevrange +smembers +ping +select +cluster|nodes +client|setname +client|id
END

mv "$folder.new" "$folder"
echo "made accounts in $folder" >&2
