#include "sync/outbox/vfs_tap.h"

#include <new>
#include <stdexcept>

#include <sqlite3.h>

namespace tocsin::outbox {

namespace {

struct Shim {
  Tap* tap;
  sqlite3_vfs* base;
};

Shim* shim_of(sqlite3_vfs* vfs) {
  return static_cast<Shim*>(vfs->pAppData);
}

// The base's file object follows this one in the memory that SQLite gives to xOpen.
struct File {
  sqlite3_file head;
  Tap* tap;
  std::string* name;
  sqlite3_file* base;
};

File* as_file(sqlite3_file* file) {
  return reinterpret_cast<File*>(file);
}
sqlite3_file* base_of(sqlite3_file* file) {
  return as_file(file)->base;
}

int close(sqlite3_file* file) {
  delete as_file(file)->name;
  as_file(file)->name = nullptr;
  sqlite3_file* base = base_of(file);
  return base->pMethods != nullptr ? base->pMethods->xClose(base) : SQLITE_OK;
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
  return base_of(file)->pMethods->xRead(base_of(file), to, size, offset);
}

int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  const ByteView bytes(static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size));
  const int code = as_file(file)->tap->write(*as_file(file)->name, static_cast<std::uint64_t>(offset), bytes);
  return code != SQLITE_OK ? code : base_of(file)->pMethods->xWrite(base_of(file), data, size, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  const int code = as_file(file)->tap->truncate(*as_file(file)->name, static_cast<std::uint64_t>(size));
  return code != SQLITE_OK ? code : base_of(file)->pMethods->xTruncate(base_of(file), size);
}

int sync(sqlite3_file* file, int flags) {
  const int code = as_file(file)->tap->sync(*as_file(file)->name);
  return code != SQLITE_OK ? code : base_of(file)->pMethods->xSync(base_of(file), flags);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return base_of(file)->pMethods->xFileSize(base_of(file), size);
}
int lock(sqlite3_file* file, int level) {
  return base_of(file)->pMethods->xLock(base_of(file), level);
}
int unlock(sqlite3_file* file, int level) {
  return base_of(file)->pMethods->xUnlock(base_of(file), level);
}
int check_lock(sqlite3_file* file, int* held) {
  return base_of(file)->pMethods->xCheckReservedLock(base_of(file), held);
}
int control(sqlite3_file* file, int op, void* arg) {
  return base_of(file)->pMethods->xFileControl(base_of(file), op, arg);
}
int sector_size(sqlite3_file* file) {
  return base_of(file)->pMethods->xSectorSize(base_of(file));
}
int characteristics(sqlite3_file* file) {
  return base_of(file)->pMethods->xDeviceCharacteristics(base_of(file));
}

// Version 1 has no shared memory and no memory mapping: the outbox locks its file for itself and needs
// neither.
const sqlite3_io_methods file_methods = {
    1,           close,           read, write, truncate, sync, file_size, lock, unlock, check_lock, control,
    sector_size, characteristics, {},   {},    {},       {},   {},        {}};

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const Shim* shim = shim_of(vfs);
  File* mine = as_file(file);
  *mine = {};
  const std::string path = name != nullptr ? name : "";
  if (const int code = shim->tap->opened(path); code != SQLITE_OK) return code;
  mine->base = reinterpret_cast<sqlite3_file*>(mine + 1);
  const int code = shim->base->xOpen(shim->base, name, mine->base, flags, out_flags);
  if (code != SQLITE_OK) return code;
  mine->tap = shim->tap;
  mine->name = new (std::nothrow) std::string(path);
  mine->head.pMethods = &file_methods;  // from here on SQLite calls close()
  return mine->name != nullptr ? SQLITE_OK : SQLITE_NOMEM;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  const Shim* shim = shim_of(vfs);
  const int code = shim->tap->remove(name);
  return code != SQLITE_OK ? code : shim->base->xDelete(shim->base, name, sync_folder);
}

int access(sqlite3_vfs* vfs, const char* name, int flags, int* answer) {
  sqlite3_vfs* base = shim_of(vfs)->base;
  return base->xAccess(base, name, flags, answer);
}
int full_path(sqlite3_vfs* vfs, const char* name, int size, char* out) {
  sqlite3_vfs* base = shim_of(vfs)->base;
  return base->xFullPathname(base, name, size, out);
}
int randomness(sqlite3_vfs* vfs, int size, char* out) {
  sqlite3_vfs* base = shim_of(vfs)->base;
  return base->xRandomness(base, size, out);
}
int sleep_for(sqlite3_vfs* vfs, int microseconds) {
  sqlite3_vfs* base = shim_of(vfs)->base;
  return base->xSleep(base, microseconds);
}
int current_time(sqlite3_vfs* vfs, double* julian_day) {
  sqlite3_vfs* base = shim_of(vfs)->base;
  return base->xCurrentTime(base, julian_day);
}
int last_error(sqlite3_vfs* vfs, int size, char* out) {
  sqlite3_vfs* base = shim_of(vfs)->base;
  return base->xGetLastError(base, size, out);
}

}  // namespace

struct TappedVfs::Impl {
  Shim shim{};
  std::string name;
  sqlite3_vfs vfs{};
};

TappedVfs::TappedVfs(Tap& tap, const std::string& base) : impl_(std::make_unique<Impl>()) {
  impl_->shim = {&tap, sqlite3_vfs_find(base.empty() ? nullptr : base.c_str())};
  if (impl_->shim.base == nullptr) throw std::invalid_argument("no SQLite VFS named " + base);
  // SQLite finds a VFS by its name, and every outbox has its own.
  impl_->name = "tocsin-" + std::to_string(reinterpret_cast<std::uintptr_t>(impl_.get()));
  sqlite3_vfs& vfs = impl_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = static_cast<int>(sizeof(File)) + impl_->shim.base->szOsFile;
  vfs.mxPathname = impl_->shim.base->mxPathname;
  vfs.zName = impl_->name.c_str();
  vfs.pAppData = &impl_->shim;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  vfs.xAccess = access;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep_for;
  vfs.xCurrentTime = current_time;
  vfs.xGetLastError = last_error;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) throw std::runtime_error("SQLite takes no VFS");
}

TappedVfs::~TappedVfs() {
  sqlite3_vfs_unregister(&impl_->vfs);
}

const std::string& TappedVfs::name() const {
  return impl_->name;
}

}  // namespace tocsin::outbox
