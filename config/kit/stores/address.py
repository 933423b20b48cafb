"""Which bucket MEDIA_S3_URL names: `s3://KEY:SECRET@bucket/prefix?endpoint=..&region=..`."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

EXAMPLE = "s3://KEY:SECRET@bucket?endpoint=https://s3.example&region=eu-central-1"
STYLES, CHECKSUMS = ("path", "virtual"), ("sha256", "none")
_OPTIONS = ("endpoint", "region", "public", "style", "checksum")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[\w!.*'()-]+(/[\w!.*'()-]+)*", re.ASCII)  # characters that are safe in keys
_SITE = re.compile(r"https?://[^/?#\s]+")


@dataclass(frozen=True)
class Bucket:
    """Where objects lie, and who may reach them. Without a key, AWS's own chain finds one."""

    name: str
    prefix: str = ""
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    endpoint: str = ""
    region: str = "us-east-1"
    public: str = ""  # the endpoint as browsers reach it, where that differs
    style: str = "virtual"
    checksum: str = "sha256"

    @property
    def origin(self) -> str:
        """Where signed addresses lead: scheme and host, as a content policy names them."""
        scheme, _, host = (self.public or self.endpoint).partition("://")
        return f"{scheme}://{self.name}.{host}" if self.style == "virtual" else f"{scheme}://{host}"

    @property
    def place(self) -> str:
        """The same without secrets, to show and to write down."""
        return f"{self.endpoint}/{self.name}/{self.prefix}".rstrip("/")


def bucket(url: str, *, region: str = "", name: str = "MEDIA_S3_URL") -> Bucket:
    """Raises SystemExit with the sentence that says what to write instead; never with the secret.

    `region` is what stands in the environment: AWS_REGION.
    """
    try:
        parts = urlsplit(url)
        query = dict(
            parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        )
        _refuse(parts.port is not None, name, "a port belongs into endpoint=")
    except ValueError:  # its words may hold the secret
        raise SystemExit(f"{name} can't be read: write {EXAMPLE}, percent-encoded.") from None
    _refuse(parts.scheme != "s3", name, "it is to begin with s3://")
    bucket_name = (parts.hostname or "") if "@" in parts.netloc else parts.netloc
    _refuse(not _BUCKET.fullmatch(bucket_name), name, "the bucket's name is missing or no name")
    _refuse(bool(parts.username) != bool(parts.password), name, "key and secret belong together")
    strange = sorted(set(query) - set(_OPTIONS))
    _refuse(bool(strange), name, f"{strange[:1]} is not known; there is {', '.join(_OPTIONS)}")
    prefix = unquote(parts.path).strip("/")
    _refuse(bool(prefix) and not _PREFIX.fullmatch(prefix), name, "its folder has odd characters")
    return Bucket(
        bucket_name,
        prefix,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        **_reached(bucket_name, query, region, name),
    )


def _reached(bucket_name: str, query: dict[str, str], region: str, name: str) -> dict[str, str]:
    region = query.get("region", region or "us-east-1")
    _refuse(not re.fullmatch(r"[a-z0-9-]+", region), name, "region= is no region")
    endpoint = query.get("endpoint", "").rstrip("/")
    public = query.get("public", "").rstrip("/")
    for option, address in (("endpoint", endpoint), ("public", public)):
        wrong = bool(address) and not _SITE.fullmatch(address)
        _refuse(wrong, name, f"{option}= is to be an address such as https://s3.example")
    # a dot in the name is no match for the certificate of *.s3.amazonaws.com
    by_path = bool(endpoint) or "." in bucket_name
    style = query.get("style", "path" if by_path else "virtual")
    _refuse(style not in STYLES, name, f"style= is one of {', '.join(STYLES)}")
    checksum = query.get("checksum", "sha256")
    _refuse(checksum not in CHECKSUMS, name, f"checksum= is one of {', '.join(CHECKSUMS)}")
    return {
        "endpoint": endpoint or f"https://s3.{region}.amazonaws.com",
        "region": region,
        "public": public,
        "style": style,
        "checksum": checksum,
    }


def _refuse(wrong: bool, name: str, why: str) -> None:
    if wrong:
        raise SystemExit(f"{name}: {why}; write {EXAMPLE}, percent-encoded.")
