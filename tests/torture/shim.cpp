// Loaded into a program by LD_PRELOAD: its disk fails and its wall clock jumps, on command of a test that
// writes the shared file named by TOCSIN_TORTURE_CONTROL. Without that file it changes nothing.

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

enum Call : std::int32_t { none = 0, sync_call = 1, write_call = 2 };

// Written by tests/torture/shim.py; keep both alike.
struct Control {
  std::atomic<std::int64_t> wall_offset_ns;
  std::atomic<std::int32_t> failing;    // which Call
  std::atomic<std::int32_t> good_left;  // so many of them succeed first
  std::atomic<std::int32_t> bad_left;   // then so many fail with EIO
  std::atomic<std::int32_t> failed;     // have failed so far
};

Control* map_control() {
  const char* path = std::getenv("TOCSIN_TORTURE_CONTROL");
  if (path == nullptr) return nullptr;
  const int fd = ::open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return nullptr;
  void* memory = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  ::close(fd);
  return memory == MAP_FAILED ? nullptr : static_cast<Control*>(memory);
}

Control* control() {
  static Control* const mapped = map_control();
  return mapped;
}

template <class Function>
Function next(const char* name, const char* version = nullptr) {
  void* symbol = version == nullptr ? ::dlsym(RTLD_NEXT, name) : ::dlvsym(RTLD_NEXT, name, version);
  return reinterpret_cast<Function>(symbol);
}

bool is_regular(int fd) {
  struct stat about {};
  return ::fstat(fd, &about) == 0 && (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode));
}

// True when this call shall fail with EIO.
bool fails(Call call, int fd) {
  Control* shared = control();
  if (shared == nullptr || shared->failing != call || !is_regular(fd)) return false;
  if (shared->good_left > 0 && shared->good_left.fetch_sub(1) > 0) return false;
  if (shared->bad_left <= 0 || shared->bad_left.fetch_sub(1) <= 0) return false;
  ++shared->failed;
  errno = EIO;
  return true;
}

constexpr std::int64_t second = 1'000'000'000;

std::int64_t to_ns(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * second + time.tv_nsec;
}
timespec to_timespec(std::int64_t ns) {
  std::int64_t rest = ns % second;
  if (rest < 0) rest += second;
  return {static_cast<time_t>((ns - rest) / second), static_cast<long>(rest)};
}

std::int64_t wall_offset() {
  Control* shared = control();
  return shared == nullptr ? 0 : shared->wall_offset_ns.load();
}

int real_clock_gettime(clockid_t clock, timespec* time) {
  static const auto call = next<int (*)(clockid_t, timespec*)>("clock_gettime");
  return call(clock, time);
}

// The kernel knows nothing of the jump: a deadline on the jumped wall clock is brought back to the kernel's.
timespec real_deadline(const timespec& wanted) {
  timespec now{};
  real_clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t offset = wall_offset();
  const std::int64_t ahead = to_ns(wanted) - (to_ns(now) + offset);
  constexpr std::int64_t day = 86'400 * second;
  const bool of_jumped_clock = ahead > -day && ahead < day;
  return of_jumped_clock ? to_timespec(to_ns(wanted) - offset) : wanted;
}

}  // namespace

extern "C" {

int fsync(int fd) {
  static const auto call = next<int (*)(int)>("fsync");
  return fails(sync_call, fd) ? -1 : call(fd);
}

int fdatasync(int fd) {
  static const auto call = next<int (*)(int)>("fdatasync");
  return fails(sync_call, fd) ? -1 : call(fd);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  static const auto call = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return fails(write_call, fd) ? -1 : call(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  static const auto call = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return fails(write_call, fd) ? -1 : call(fd, data, size, at);
}

int clock_gettime(clockid_t clock, timespec* time) {
  const int done = real_clock_gettime(clock, time);
  if (done == 0 && clock == CLOCK_REALTIME) *time = to_timespec(to_ns(*time) + wall_offset());
  return done;
}

int gettimeofday(timeval* time, void* /*zone*/) {
  timespec now{};
  const int done = clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return done;
}

time_t time(time_t* out) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* deadline) {
  static const auto call = next<int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*)>(
      "pthread_cond_timedwait", "GLIBC_2.3.2");
  const timespec real = real_deadline(*deadline);
  return call(condition, mutex, &real);
}

int sem_timedwait(sem_t* semaphore, const timespec* deadline) {
  static const auto call = next<int (*)(sem_t*, const timespec*)>("sem_timedwait");
  const timespec real = real_deadline(*deadline);
  return call(semaphore, &real);
}

}  // extern "C"
