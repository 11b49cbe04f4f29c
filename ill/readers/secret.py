"""Numbers in clear, and the keys that turn them into tokens.

A number in clear exists as a `Secret` between the desk and the token. Tokens are HMAC-SM3 (GB/T 32905) under a secret key, because a
plain hash of a resident ID can be enumerated; what must be shown again is kept in SM4-GCM (GB/T 32907).
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import NoReturn

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from schemas.errors import WenlanError
from schemas.settings import Settings

_NONCE, _TAG = 12, 16


class Secret(SecretStr):
    """A number or name as typed: masked in repr, str and format, and refused by pickle and copy."""

    def reveal(self) -> str:
        return self.get_secret_value()

    def __format__(self, spec: str) -> str:
        return str(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


class _Key(msgspec.Struct, frozen=True):
    id: str
    secret: bytes

    def derive(self, purpose: str, length: int) -> bytes:
        info = f"wenlan:{purpose}".encode()
        return HKDF(algorithm=hashes.SM3(), length=length, salt=None, info=info).derive(self.secret)

    def __repr__(self) -> str:
        return f"_Key({self.id})"


class KeyRing:
    """The keys of a secret file: the last one makes new tokens, the earlier ones still recognise old tokens and open old texts.

    The file has a line `id hexadecimal` a key, mode 0600. Add a line (`rotate`) to change keys; take one away only when no credential
    and no reader uses it any more, for what it made cannot be made again.
    """

    def __init__(self, keys: list[_Key]) -> None:
        self._keys = {k.id: k for k in keys}
        self._newest = keys[-1].id
        self._token_keys = {k.id: k.derive("card-token", 32) for k in keys}

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self._keys)})"

    @classmethod
    def open(cls, settings: Settings) -> KeyRing:
        """Read the secret file, made with a fresh key where there is none. Raises WenlanError when others may read it."""
        file = settings.secret_key_file or settings.home / "secret.key"
        if not file.exists():
            if settings.secret_key_file is not None:
                raise _unusable(file, "没有这个文件", "there is no such file")
            file.parent.mkdir(parents=True, exist_ok=True)
            _create(file, _line("k1"))
        return cls(_read(file))

    @classmethod
    def rotate(cls, settings: Settings) -> KeyRing:
        """Add a key and use it from now on. Old tokens change to it as their cards are next seen."""
        ring = cls.open(settings)
        file = settings.secret_key_file or settings.home / "secret.key"
        number = max((int(k[1:]) for k in ring._keys if k[:1] == "k" and k[1:].isdigit()), default=0) + 1
        text = file.read_text(encoding="ascii") + _line(f"k{number}")
        spare = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        _write_new(spare, text)
        spare.replace(file)
        return cls.open(settings)

    @property
    def newest(self) -> str:
        return self._newest

    def token(self, domain: str, number: Secret, key_id: str = "") -> str:
        """HMAC-SM3 in hexadecimal. `domain` keeps numbers of different kinds apart."""
        mac = hmac.HMAC(self._token_keys[key_id or self._newest], hashes.SM3())
        mac.update(f"{domain}\x1f{number.reveal()}".encode())
        return mac.finalize().hex()

    def tokens(self, domain: str, number: Secret) -> dict[str, str]:
        """token -> key id, under every key of the ring."""
        return {self.token(domain, number, key_id): key_id for key_id in self._keys}

    def seal(self, text: bytes, bound_to: str) -> bytes:
        """Key id, NUL, nonce, ciphertext and tag. `bound_to` has to be given again to open it."""
        nonce = secrets.token_bytes(_NONCE)
        cipher = Cipher(algorithms.SM4(self._keys[self._newest].derive("sealing", 16)), modes.GCM(nonce))
        work = cipher.encryptor()
        work.authenticate_additional_data(bound_to.encode())
        return self._newest.encode() + b"\0" + nonce + work.update(text) + work.finalize() + work.tag

    def unseal(self, sealed: bytes, bound_to: str) -> bytes:
        """Raises WenlanError "sealed-unreadable" when the key is gone or the text was changed."""
        key_id, _, rest = sealed.partition(b"\0")
        key = self._keys.get(key_id.decode("ascii", "replace"))
        if key is not None and len(rest) >= _NONCE + _TAG:
            nonce, body, tag = rest[:_NONCE], rest[_NONCE:-_TAG], rest[-_TAG:]
            work = Cipher(algorithms.SM4(key.derive("sealing", 16)), modes.GCM(nonce, tag)).decryptor()
            work.authenticate_additional_data(bound_to.encode())
            try:
                return work.update(body) + work.finalize()
            except InvalidTag:
                pass
        raise WenlanError(
            "sealed-unreadable",
            "加密保存的资料打不开：密钥文件不是当时的那一个，或数据被改动",
            "What was kept encrypted cannot be opened: the key file is another one, or the data was changed",
        )


def _line(key_id: str) -> str:
    return f"{key_id} {secrets.token_hex(32)}\n"


def _create(file: Path, text: str) -> None:
    """Appear complete or not at all, and never over a key that another process has just made."""
    spare = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    _write_new(spare, text)
    try:
        os.link(spare, file)
    except FileExistsError:
        pass
    finally:
        spare.unlink()


def _write_new(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _read(file: Path) -> list[_Key]:
    if file.stat().st_mode & 0o077:
        raise _unusable(file, "其他用户可读，请改为 0600", "other users may read it; change its mode to 0600")
    try:
        rows = [line.split() for line in file.read_text(encoding="ascii").splitlines() if line.strip()]
        keys = [_Key(key_id, bytes.fromhex(secret)) for key_id, secret in rows]
    except ValueError:
        keys = []
    if not keys or any(len(k.secret) < 32 for k in keys) or len({k.id for k in keys}) != len(keys):
        raise _unusable(file, "内容不是密钥", "it does not hold keys")
    return keys


def _unusable(file: Path, zh: str, en: str) -> WenlanError:
    return WenlanError(
        "secret-key-file", "密钥文件 {file} 不能用：{zh}", "The key file {file} cannot be used: {en}", file=file.name, zh=zh, en=en
    )  # fmt: skip
