#!/bin/sh
# Writes the broker's password file (hashed): the house's own accounts from the environment, the enterprises'
# from a file of `company_code:password` lines. Usage: make-passwords.sh TARGET [ENTERPRISES_FILE]
# After a change: docker compose run --rm mosquitto-accounts && docker compose kill -s HUP mosquitto
set -eu
umask 077
target=$1
enterprises=${2:-/dev/null}

{
    printf 'listener:%s\n' "${LISTENER_PASSWORD:?set LISTENER_PASSWORD in .env}"
    printf 'platform:%s\n' "${PLATFORM_PASSWORD:?set PLATFORM_PASSWORD in .env}"
    printf 'health:%s\n' "${HEALTH_PASSWORD:?set HEALTH_PASSWORD in .env}"
    [ -z "${SIMULATOR_PASSWORD:-}" ] || printf 'simulator:%s\n' "$SIMULATOR_PASSWORD"
    grep -E '^[0-9A-Za-z_.-]+:.+' "$enterprises" || [ $? -eq 1 ]
} > "$target.new"
mosquitto_passwd -U "$target.new"
[ "$(id -u)" != 0 ] || chown 1883:1883 "$target.new"
mv "$target.new" "$target"
