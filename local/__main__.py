"""`python -m local demo|up|refresh|ci-slim|…`: the commands behind the Makefile and docker-compose.yml."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from importlib import import_module
from typing import Any

from contract import options
from contract.options import Bucket
from local import environment, interrupt, paths
from local.checks import LocalError

# Commands without options: the module, imported when it is asked for, and its function.
SIMPLE = {
    "extensions": ("local.extensions", "install"),
    "key": ("local.bucket", "make_key"),
    "bucket": ("local.bucket", "create"),
}


def main() -> None:
    """Run one command; what it started has ended when this returns, however it returns."""
    arguments = _parser().parse_args()
    interrupt.expect(signal.SIGHUP)
    try:
        _set_umask()
        _run(arguments)
    except LocalError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped.")


def _set_umask() -> None:
    """Of what this process and its children write, logs and data, others than the owner's group read nothing."""
    if options.take_umask() is None:
        text = os.environ["JUNCTION_UMASK"]
        raise LocalError(f"JUNCTION_UMASK={text} is no umask: write octal digits, such as 027.")


def _run(arguments: argparse.Namespace) -> None:
    if arguments.command in ("up", "loop", "thrift"):
        _scrub(on_duckdb=arguments.command != "thrift" and paths.engine() == "duckdb")
    if arguments.command == "jars":
        from local import jars

        jars.fetch_all(lock=arguments.lock, bucket=arguments.bucket)
    elif arguments.command in SIMPLE:
        module, function = SIMPLE[arguments.command]
        getattr(import_module(module), function)()
    elif arguments.command == "topics":
        from contract.reading import load_contract
        from local import broker

        broker.create_topics(arguments.bootstrap_servers, [topic.topic for topic in load_contract().topics])
    elif arguments.command == "demo":
        paths.use(paths.var())
        paths.landing()  # refuses what the landing job would refuse later
        from local import demo  # dbt's packages take seconds: a refusal does not wait for them

        demo.run(arguments.seed, arguments.hours, arguments.vehicles, arguments.port)
    elif arguments.command == "up":
        paths.use(paths.folder("JUNCTION_VAR", paths.ROOT / "var" / "live"))
        paths.landing()
        from local import up

        ports = up.Ports(arguments.port, arguments.door_port, arguments.thrift_port)
        up.run(arguments.seed, arguments.vehicles, ports, arguments.every, arguments.metrics_address)
    elif arguments.command == "loop":
        paths.use(paths.var())
        if paths.engine() != "duckdb":
            raise LocalError("The loop is for ENGINE=duckdb: on Spark run dbt on a schedule (docs/operations.md).")
        from local.loop import live

        door = (arguments.door_host, arguments.door_port)
        live.go_on(live.progress(), [], arguments.bootstrap_servers, door, arguments.metrics_address)
    elif arguments.command == "refresh":
        paths.use(paths.var())
        from local import refresh

        refresh.run()
    elif arguments.command == "ci-slim":
        paths.use(paths.var())
        from local import ci_slim

        ci_slim.run(arguments.base, arguments.target, arguments.deployed_schema)
    elif arguments.command == "sbom":
        from local import sbom

        sbom.run(paths.var() / "sbom.cdx.json")
    elif arguments.command == "thrift":
        paths.use(paths.var())
        from local import thrift

        thrift.run(arguments.thrift_port, arguments.thrift_host)
    elif arguments.command == "serve":
        paths.use(paths.var())
        from local.door import owner

        owner.run(arguments.door_port, arguments.door_host)
    elif arguments.command == "export":
        paths.use(paths.var())
        from local import export

        export.run(arguments.to or paths.export(), arguments.door_port)
    else:
        raise ValueError(f"{arguments.command} has no branch here: add it.")


def _scrub(*, on_duckdb: bool) -> None:
    """Begin again without secrets. DuckDB's SQL reads no environment; a session of the Thrift server does."""
    found = environment.keys(os.environ) if isinstance(paths.landing(), Bucket) else []
    if found and not on_duckdb:
        raise LocalError(
            f"{found[0]} would be seen by each session of the Thrift server: give the keys by a file "
            "(AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE) or a role."
        )
    environment.scrub(with_keys=on_duckdb)


def _parser() -> options.Parser:
    parser = options.Parser(prog="python -m local", description="The Junction stack on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = _add_stack(commands)
    loop = commands.add_parser("loop", help="build and serve what a landing job lands, until Ctrl-C (DuckDB)")
    for command in (up, loop):
        command.add_argument(
            "--metrics-address",
            type=options.address,
            default=os.environ.get("JUNCTION_METRICS_ADDRESS"),
            metavar="HOST:PORT",
            help="where the loop on DuckDB serves /metrics and /healthz (nowhere)",
        )
    commands.add_parser("refresh", help="build what has something new, what failed and what was edited")
    slim = commands.add_parser("ci-slim", help="build what differs from a git revision, and name who reads it")
    slim.add_argument(
        "base", type=options.revision, metavar="REV", help="the revision that is deployed, such as origin/main"
    )
    slim.add_argument(
        "--target", default=os.environ.get("JUNCTION_TARGET") or "duckdb", help="the target of profiles.yml (duckdb)"
    )
    slim.add_argument("--deployed-schema", default="junction", help="where the rest is read from (junction)")
    thrift = commands.add_parser("thrift", help="serve the warehouse over JDBC, until Ctrl-C")
    for command in (up, thrift):
        command.add_argument(
            "--thrift-port",
            type=options.number(int, *options.PORT),
            default=os.environ.get("JUNCTION_THRIFT_PORT") or "10000",
            help="the Thrift server's port (10000)",
        )
    thrift.add_argument("--thrift-host", default="127.0.0.1", help="the address that it listens on (127.0.0.1)")
    serve = commands.add_parser("serve", help="serve the DuckDB warehouse in PostgreSQL's protocol, until Ctrl-C")
    export = commands.add_parser("export", help="write each mart of the DuckDB warehouse as a Parquet file")
    export.add_argument("--to", type=options.folder, metavar="FOLDER", help="the folder (export in JUNCTION_VAR)")
    for command in (up, loop, serve, export):
        command.add_argument(
            "--door-port",
            type=options.number(int, *options.PORT),
            default=os.environ.get("JUNCTION_DOOR_PORT") or "5433",
            help="the port of the DuckDB warehouse's door (5433)",
        )
    for command in (loop, serve):
        command.add_argument("--door-host", default="127.0.0.1", help="the address that it listens on (127.0.0.1)")
    commands.add_parser("key", help="make a key for an S3 server of one's own, at its first start")
    commands.add_parser("bucket", help="create the bucket of JUNCTION_LANDING if it is not there")
    topics = commands.add_parser("topics", help="create the topics of the contract that do not exist yet")
    for command in (loop, topics):
        command.add_argument(
            "--bootstrap-servers",
            type=options.servers,
            default=os.environ.get("JUNCTION_BOOTSTRAP_SERVERS") or "127.0.0.1:9092",
            help="the Kafka brokers, host:port,… (127.0.0.1:9092)",
        )
    commands.add_parser("sbom", help="write the software bill of materials (CycloneDX) to var/sbom.cdx.json")
    commands.add_parser("extensions", help="install DuckDB's extensions that read a bucket")
    fetched = commands.add_parser("jars", help="fetch the Java libraries of local/jars.lock")
    fetched.add_argument("--bucket", action="store_true", help="also those with which dbt on Spark reads a bucket")
    fetched.add_argument("--lock", action="store_true", help="resolve them again first, and write local/jars.lock")
    return parser


def _add_stack(commands: Any) -> Any:
    """Add the commands demo and up; returns the second."""
    demo = commands.add_parser("demo", help="simulate some hours of a city, land and build them, and show the marts")
    demo.add_argument("--hours", type=options.number(float, 1 / 3600, 87_600), default=3, help="hours of city time (3)")
    up = commands.add_parser("up", help="the same live, until Ctrl-C")
    up.add_argument(
        "--every",
        type=options.number(int, 1, 86_400),
        default=60,
        help="on Spark, seconds from one refresh to the next (60)",
    )
    for command in (demo, up):
        command.add_argument(
            "--seed", type=options.number(int, -(2**63), 2**63 - 1), default=1, help="the seed of the city (1)"
        )
        command.add_argument(
            "--vehicles", type=options.number(int, 1, 10_000), default=20, help="how many vehicles travel (20)"
        )
        command.add_argument(
            "--port",
            type=options.number(int, *options.PORT),
            default=os.environ.get("JUNCTION_KAFKA_PORT") or "9092",
            help="the broker's port (9092)",
        )
    return up


if __name__ == "__main__":
    main()
