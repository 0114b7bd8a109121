"""The Java class that asks for the Thrift server's password, compiled by what Spark brings: no machine needs javac."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "PasswordAuthentication.java"
PROVIDER = "junction.PasswordAuthentication"
JAR = "junction-authentication.jar"


def make_jar(folder: Path) -> None:
    """Compile SOURCE into `folder`/JAR, in a JVM that ends; a jar, since Hive's threads see the classpath only."""
    from pyspark.java_gateway import launch_gateway

    gateway: Any = launch_gateway(popen_kwargs={"stderr": subprocess.DEVNULL})
    try:
        compiler = gateway.jvm.org.codehaus.janino.SimpleCompiler()
        compiler.cook(SOURCE.read_text(encoding="utf-8"))
        classes = {name: bytes(code) for name, code in compiler.getBytecodes().items()}
    finally:
        gateway.shutdown()
        gateway.proc.stdin.close()  # the JVM ends when its standard input does
        gateway.proc.wait(30)
    with zipfile.ZipFile(folder / JAR, "w") as jar:
        for name, code in sorted(classes.items()):
            jar.writestr(zipfile.ZipInfo(name.replace(".", "/") + ".class"), code)
