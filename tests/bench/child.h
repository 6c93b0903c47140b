#pragma once
// A program started by a bench: it dies with the bench, and its output goes to a file.

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace tocsin::bench {

class Child {
 public:
  // command[0] is the program's path. Called from the main thread: the child's death follows the thread that
  // made it.
  Child(std::vector<std::string> command, const std::filesystem::path& log);
  ~Child();  // SIGTERM, and SIGKILL 5 s later
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool alive();
  double cpu_seconds() const;   // user and system time so far
  double resident_mib() const;  // now

 private:
  pid_t pid_ = -1;
};

}  // namespace tocsin::bench
