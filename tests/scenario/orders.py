"""Signed orders made by hand: the wire bytes, Ed25519 by libsodium, and a bare MQTT publisher. For tests that forge."""
import ctypes
import socket
import struct

SODIUM = ctypes.CDLL("libsodium.so.23")
assert SODIUM.sodium_init() >= 0


class Signer:
    """Signs with the seed of a key file of `tocsin-cloud key create`, or of its own."""

    def __init__(self, name, seed):
        self.name = name
        self.public, self.secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_seed_keypair(self.public, self.secret, seed)

    def sign(self, payload):
        """A Signed message: payload = 1, key_id = 2, signature = 3."""
        signature = ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_detached(signature, None, payload, ctypes.c_ulonglong(len(payload)), self.secret)
        return text_field(1, payload) + text_field(2, self.name.encode()) + text_field(3, signature.raw)


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def text_field(number, data):
    data = data if isinstance(data, bytes) else data.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data


def number_field(number, value):
    return varint(number << 3) + varint(value)


def command(identity, gateway, point, operation, arguments, issued_ms, not_after_ms, term, counter, session_nonce):
    """The payload of a Command (sync/wire/tocsin.proto)."""
    out = text_field(1, identity) + text_field(2, gateway) + text_field(3, point) + text_field(4, operation)
    for name, value in arguments.items():
        out += text_field(5, text_field(1, name) + text_field(2, value))
    out += number_field(6, issued_ms) + number_field(7, not_after_ms) + number_field(8, term) + text_field(9, "forger")
    return out + number_field(10, counter) + varint(11 << 3 | 1) + struct.pack("<Q", session_nonce)


def fields(data):
    """{number: value} of a message; of repeated fields the last."""
    found, at = {}, 0
    while at < len(data):
        key, at = read_varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            found[number], at = read_varint(data, at)
        elif kind == 1:
            found[number], at = struct.unpack_from("<Q", data, at)[0], at + 8
        else:
            size, at = read_varint(data, at)
            found[number], at = data[at:at + size], at + size
    return found


def read_varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return value, at


class Publisher:
    """Whoever can reach the field broker: MQTT 3.1.1, QoS 0."""

    def __init__(self, port):
        self.line = socket.create_connection(("127.0.0.1", port))
        name = b"forger"
        body = b"\0\4MQTT\4\2\0\0" + struct.pack(">H", len(name)) + name
        self.line.sendall(b"\x10" + varint(len(body)) + body)
        assert self.line.recv(4)[3] == 0, "the broker refuses the connection"

    def publish(self, topic, payload, retain=False):
        body = struct.pack(">H", len(topic)) + topic.encode() + payload
        self.line.sendall(bytes([0x31 if retain else 0x30]) + varint(len(body)) + body)

    def close(self):
        self.line.sendall(b"\xe0\0")
        self.line.close()
