"""Commands to tests/torture/shim.cpp, through the file that both map."""
import mmap
import struct

LAYOUT = "<qiiii"  # wall offset in ns, failing call, good left, bad left, failed
NONE, SYNC, WRITE = 0, 1, 2


class Shim:
    def __init__(self, library, folder):
        if not library.exists():  # the loader would only warn, and nothing would ever fail
            raise RuntimeError(f"{library} is missing; ninja -C build/release tocsin_torture_shim makes it")
        path = folder / "shim-control"
        path.write_bytes(b"\0" * mmap.PAGESIZE)
        self.prefix = ["env", f"LD_PRELOAD={library}", f"TOCSIN_TORTURE_CONTROL={path}"]
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), mmap.PAGESIZE)

    def jump(self, seconds):
        """The wall clock is so far from the real one, from now on."""
        self.memory[0:8] = struct.pack("<q", int(seconds * 1e9))

    def fail(self, call, after, times):
        """The call number `after` from now (0: the next) fails with EIO, and those behind it, `times` in all."""
        self.memory[8:12] = struct.pack("<i", NONE)
        self.memory[12:24] = struct.pack("<iii", after, times, 0)
        self.memory[8:12] = struct.pack("<i", call)

    def heal(self):
        self.memory[8:20] = struct.pack("<iii", NONE, 0, 0)

    def failed(self):
        return struct.unpack_from(LAYOUT, self.memory)[4]
