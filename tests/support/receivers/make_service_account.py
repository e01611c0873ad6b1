#!/usr/bin/python3
"""make_service_account.py: a service-account file like Google's, with a fresh RSA key, and the public key for the receiver."""
import argparse
import json
import os

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, help="the JSON file; the public key goes to <out>.pub")
    parser.add_argument("--token-uri", required=True, help="http://127.0.0.1:PORT/token")
    parser.add_argument("--project", default="demo-project")
    arguments = parser.parse_args()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    account = {"type": "service_account", "project_id": arguments.project, "private_key_id": "demo-key-1", "private_key": pem,
               "client_email": f"tocsin@{arguments.project}.iam.gserviceaccount.com", "token_uri": arguments.token_uri}
    with open(os.open(arguments.out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(account, file, indent=2)
    with open(arguments.out + ".pub", "wb") as file:
        file.write(key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))


if __name__ == "__main__":
    main()
