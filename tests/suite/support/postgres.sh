# Runs a PostgreSQL of its own until standard input ends, and leaves nothing behind.
# Arguments: the directory of the programs, an empty directory, a port, a certificate and its key.
set -eu
bin=$1 dir=$2 port=$3 certificate=$4 key=$5

# Whoever starts us may be interrupted; only the end of our input ends the server.
trap '' INT TERM HUP
pid=
finish() {
    if [ -n "$pid" ]; then
        kill -QUIT "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    fi
    rm -rf "$dir"
}
trap finish EXIT

mkdir "$dir/run"
cp "$certificate" "$dir/server.pem"
cp "$key" "$dir/server.key"
chmod 600 "$dir/server.key"
as=
if [ "$(id -u)" = 0 ]; then
    # The server refuses to be run by root.
    user=postgres
    id -u "$user" >/dev/null 2>&1 || user=nobody
    chown -R "$user" "$dir"
    as="setpriv --reuid=$(id -u "$user") --regid=$(id -g "$user") --clear-groups --"
    command -v setpriv >/dev/null 2>&1 || as="runuser -u $user --"
fi
cd "$dir"
if ! $as "$bin/initdb" -D "$dir/data" -U postgres -E UTF8 --locale=C --no-sync \
    --auth-local=trust --auth-host=scram-sha-256 >"$dir/log" 2>&1; then
    cat "$dir/log" >&2
    exit 1
fi
# A log-in that only encrypted connections may use.
printf '%s\n' 'local all all trust' 'hostssl all only_tls all scram-sha-256' \
    'hostnossl all only_tls all reject' 'host all all all scram-sha-256' >"$dir/data/pg_hba.conf"
$as "$bin/postgres" -D "$dir/data" -p "$port" -k "$dir/run" -c listen_addresses=127.0.0.1 \
    -c fsync=off -c full_page_writes=off -c shared_buffers=16MB -c max_connections=200 \
    -c ssl=on -c ssl_cert_file="$dir/server.pem" -c ssl_key_file="$dir/server.key" \
    -c autovacuum=off -c logging_collector=off >>"$dir/log" 2>&1 </dev/null &
pid=$!
until "$bin/pg_isready" -q -h "$dir/run" -p "$port"; do
    if ! kill -0 "$pid" 2>/dev/null; then
        cat "$dir/log" >&2
        exit 1
    fi
    sleep 0.05
done
echo ready
# Commands of whoever started us, until the end.
while read -r line; do
    case $line in
    crash)
        # As if the machine had lost its power, and came back.
        kill -QUIT "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        $as "$bin/postgres" -D "$dir/data" -p "$port" -k "$dir/run" -c listen_addresses=127.0.0.1 \
            -c fsync=off -c shared_buffers=16MB -c ssl=on -c ssl_cert_file="$dir/server.pem" \
            -c ssl_key_file="$dir/server.key" -c autovacuum=off >>"$dir/log" 2>&1 </dev/null &
        pid=$!
        until "$bin/pg_isready" -q -h "$dir/run" -p "$port"; do
            kill -0 "$pid" 2>/dev/null || exit 1
            sleep 0.05
        done
        echo ready
        ;;
    esac
done
