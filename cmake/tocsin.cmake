# How every library, program and test of this project is declared: our warnings, our include root, explicit sources.

find_program(TOCSIN_CCACHE ccache)
if(TOCSIN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TOCSIN_CCACHE})
endif()
find_program(TOCSIN_MOLD mold)

add_library(tocsin_options INTERFACE)
target_include_directories(tocsin_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(tocsin_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-psabi)
# GCC 12 warns falsely about the standard library's own copies at -O2 (GCC bugs 105651, 105329); ASan looks in the tests.
target_compile_options(tocsin_options INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow>)
if(TOCSIN_WARNINGS_AS_ERRORS)
  target_compile_options(tocsin_options INTERFACE -Werror)
endif()
if(TOCSIN_SANITIZE)
  target_compile_options(tocsin_options INTERFACE -fsanitize=${TOCSIN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(tocsin_options INTERFACE -fsanitize=${TOCSIN_SANITIZE})
endif()
if(TOCSIN_FUZZ)
  target_compile_options(tocsin_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(TOCSIN_MOLD)
  target_link_options(tocsin_options INTERFACE -fuse-ld=mold)
endif()
# Debug information of line level: enough for a sanitizer's report and half the build time of full information.
set(CMAKE_CXX_FLAGS_DEBUG "-g1 -O0")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -D_FORTIFY_SOURCE=2 -fstack-protector-strong")

# tocsin_library(NAME SOURCES a.cpp … [DEPENDS target …])
function(tocsin_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC tocsin_options ${arg_DEPENDS})
endfunction()

# tocsin_headers(NAME [DEPENDS target …]): a folder that has only headers
function(tocsin_headers name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE tocsin_options ${arg_DEPENDS})
endfunction()

# tocsin_program(NAME SOURCES a.cpp … [DEPENDS target …]): goes to bin/
function(tocsin_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE tocsin_options ${arg_DEPENDS})
endfunction()

# tocsin_test(NAME SOURCES a.cpp … [DEPENDS target …]): a doctest program, run by ctest
function(tocsin_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE tocsin_options tocsin_test_main ${arg_DEPENDS})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS unit
    ENVIRONMENT "TOCSIN_SOURCE=${PROJECT_SOURCE_DIR};TOCSIN_BIN=${CMAKE_BINARY_DIR}/bin")
endfunction()
