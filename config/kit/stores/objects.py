"""Named objects of one bucket, through the client of django-storages; faults are Unavailable."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from s3transfer.exceptions import RetriesExceededError
from storages.backends.s3 import S3Storage
from urllib3.exceptions import HTTPError

from config.kit.errors import Unavailable
from config.kit.stores.address import Bucket

PART = 16 * 2**20  # bytes; what is longer goes up in parts of this size, four at a time
TRANSFER = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=4)
PATIENT = {"connect_timeout": 5, "read_timeout": 60, "retries": {"total_max_attempts": 4}}
# inside a transaction, where others wait for our locks
HASTY = {"connect_timeout": 2, "read_timeout": 4, "retries": {"total_max_attempts": 1}}
PROBING = {"connect_timeout": 0.8, "read_timeout": 1, "retries": {"total_max_attempts": 1}}
AT_ONCE = 1000  # keys that one request deletes
_AWAY = (BotoCoreError, Boto3Error, HTTPClientError, HTTPError, RetriesExceededError)
_GONE = {"404", "NoSuchKey", "NotFound"}
_OURS = {"AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket"}
_OURS |= _GONE  # the bucket itself


@dataclass(frozen=True)
class Object:
    key: str
    size: int  # bytes
    age_s: float  # by the clock of the store


class _Storage(S3Storage):
    """One client for all threads (clients may be shared, and take 100 ms to make); django-storages
    makes one for each, and a thread of a web process lives for one request."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._connections = _Shared()
        self._turn = threading.Lock()

    @property
    def client(self) -> Any:
        with self._turn:
            return self.connection.meta.client


class _Shared:
    """Stands where django-storages keeps a threading.local()."""


class Objects:
    """Keys are below the prefix of the bucket; in a hurry a fault shows itself after seconds."""

    def __init__(self, bucket: Bucket, in_a_hurry: Callable[[], bool] = lambda: False) -> None:
        self.bucket = bucket
        self._in_a_hurry = in_a_hurry
        self._patient, self._hasty = _storage(bucket, PATIENT), _storage(bucket, HASTY)
        self._probing = _storage(bucket, PROBING)
        outside = bucket.public or bucket.endpoint
        self._signer = _storage(bucket, PATIENT, endpoint=outside)
        self._checked = {} if bucket.checksum == "none" else {"ChecksumAlgorithm": "SHA256"}

    @property
    def _client(self) -> Any:
        return (self._hasty if self._in_a_hurry() else self._patient).client

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket.name, "Key": self._full(key)}

    def _full(self, key: str) -> str:
        return f"{self.bucket.prefix}/{key}" if self.bucket.prefix else key

    def head(self, key: str) -> Object | None:
        with _faults():
            try:
                told = self._client.head_object(**self._at(key))
            except ClientError as error:
                if _is_gone(error):
                    return None
                raise
        return Object(key, told["ContentLength"], _age_s(told, told["LastModified"]))

    def answers(self) -> None:
        """Raises Unavailable, within two seconds, where the bucket can't be had."""
        with _faults():
            self._probing.client.head_bucket(Bucket=self.bucket.name)

    def put(self, key: str, path: Path) -> None:
        """In parts where it is long; the store checks the sum of each."""
        with _faults():
            self._client.upload_file(
                str(path),
                self.bucket.name,
                self._full(key),
                ExtraArgs=self._checked or None,
                Config=TRANSFER,
            )

    def write(self, key: str, content: bytes) -> None:
        with _faults():
            self._client.put_object(**self._at(key), Body=content, **self._checked)

    def fetch(self, key: str, into: IO[bytes]) -> None:
        """Raises FileNotFoundError."""
        with _faults():
            try:
                self._client.download_fileobj(
                    self.bucket.name, self._full(key), into, Config=TRANSFER
                )
            except ClientError as error:
                if _is_gone(error):
                    raise FileNotFoundError(key) from None
                raise

    def renew(self, key: str) -> bool:
        """Makes an object young again. False: it is gone."""
        source = self._at(key)
        with _faults():
            try:
                self._client.copy_object(
                    **source, CopySource=source, MetadataDirective="REPLACE", **self._checked
                )
            except ClientError as error:
                if _is_gone(error):
                    return False
                raise
        return True

    def remove(self, keys: Collection[str]) -> None:
        """Those that are not there are no fault."""
        named = [{"Key": self._full(key)} for key in keys]
        with _faults():
            for at in range(0, len(named), AT_ONCE):
                told = self._client.delete_objects(
                    Bucket=self.bucket.name,
                    Delete={"Objects": named[at : at + AT_ONCE], "Quiet": True},
                )
                if told.get("Errors"):
                    raise Unavailable(f"S3 did not delete: {told['Errors'][0].get('Code')}.")

    def all(self, prefix: str) -> Iterator[Object]:
        """In the order of their keys."""
        start = len(self._full(""))
        pages = self._client.get_paginator("list_objects_v2")
        with _faults():
            for page in pages.paginate(Bucket=self.bucket.name, Prefix=self._full(prefix)):
                for one in page.get("Contents", []):
                    age_s = _age_s(page, one["LastModified"])
                    yield Object(one["Key"][start:], one["Size"], age_s)

    def link(self, key: str, lasts: timedelta, headers: Mapping[str, str]) -> str:
        """A signed address that anybody may GET for a while; `headers` as S3 names those that it
        is to answer with (ResponseContentType ..)."""
        with _faults():
            address: str = self._signer.client.generate_presigned_url(
                "get_object",
                Params={**self._at(key), **headers},
                ExpiresIn=int(lasts.total_seconds()),
            )
        return address


def _storage(bucket: Bucket, times: Mapping[str, Any], endpoint: str = "") -> _Storage:
    sums = "when_required" if bucket.checksum == "none" else "when_supported"
    return _Storage(
        access_key=bucket.key or None,
        secret_key=bucket.secret or None,
        bucket_name=bucket.name,
        region_name=bucket.region,
        endpoint_url=endpoint or bucket.endpoint,
        default_acl=None,
        client_config=Config(
            signature_version="s3v4",
            s3={"addressing_style": bucket.style},
            request_checksum_calculation=sums,
            response_checksum_validation=sums,
            max_pool_connections=20,
            **times,
        ),
    )


def _is_gone(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") in _GONE


def _age_s(told: Mapping[str, Any], changed: datetime) -> float:
    sent = told["ResponseMetadata"]["HTTPHeaders"].get("date")
    now = parsedate_to_datetime(sent) if sent else datetime.now(UTC)
    return (now - changed).total_seconds()


@contextmanager
def _faults() -> Iterator[None]:
    """Whatever goes wrong at S3 is tried again later: the bytes and the rows are as they were."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "?")
        refusal = "S3 refuses us ({}): check MEDIA_S3_URL and what its key may do."
        fault = "The file store at S3 has a fault ({}); it is tried again."
        raise Unavailable((refusal if code in _OURS else fault).format(code)) from error
    except _AWAY as error:
        kind = type(error).__name__
        raise Unavailable(
            f"The file store at S3 can't be reached ({kind}); it is tried again."
        ) from error
