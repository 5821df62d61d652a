"""Serves an empty bucket on a free port of this machine until it is ended: serve.py BUCKET PORT_FILE."""

import os
import sys

import boto3
from moto.server import ThreadedMotoServer

bucket, port_file = sys.argv[1:]
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
client = boto3.client(
    "s3",
    endpoint_url=f"http://{host}:{port}",
    region_name="us-east-1",
    aws_access_key_id="AKIDTEST",
    aws_secret_access_key="test",
)
client.create_bucket(Bucket=bucket)
# The port is there only when the bucket is.
with open(port_file + ".new", "w", encoding="ascii") as file:
    file.write(str(port))
os.replace(port_file + ".new", port_file)
server._thread.join()
