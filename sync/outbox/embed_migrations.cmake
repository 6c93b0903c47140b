# Writes `output`, a C++ file with the content of the SQL files `inputs` in the order of their numbers.
# Numbers must be 001, 002, … without a gap: a missing one is a migration that somebody forgot to list.
function(tocsin_embed_migrations output)
  set(entries "")
  set(expected 1)
  foreach(input ${ARGN})
    get_filename_component(name ${input} NAME)
    string(REGEX MATCH "^[0-9]+" number ${name})
    math(EXPR number "${number}")
    if(NOT number EQUAL expected)
      message(FATAL_ERROR "migration ${name}: expected number ${expected}")
    endif()
    math(EXPR expected "${expected} + 1")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${input})
    file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${input} sql)
    string(APPEND entries "    R\"sql(${sql})sql\",  // ${name}\n")
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT
"#include \"sync/outbox/migrations.h\"

namespace tocsin::outbox {

const std::vector<std::string_view> migrations{
@entries@};

}  // namespace tocsin::outbox
")
endfunction()
