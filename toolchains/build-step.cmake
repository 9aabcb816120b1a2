# SPDX-License-Identifier: 0BSD
# What a build does for embedc_add_model: `command` fills `bundle`; a file of `sources` that this model has no need of is made
# one that holds nothing, because the names have to be known before the model is read. `dependencies` is a file of CMake's.
execute_process(COMMAND ${command} RESULT_VARIABLE result)
if(NOT result STREQUAL "0")
  message(FATAL_ERROR "embedc failed (${result}); its command: ${command}")
endif()
# With Makefiles CMake adds what the depfile names to what it knew before and forgets nothing: files that are gone would make
# this step run in every build. It reads all depfiles anew where its own list is missing.
file(REMOVE "${dependencies}")
foreach(source IN LISTS sources)
  if(NOT EXISTS "${bundle}/${source}")
    if(source MATCHES "\\.c$")
      string(MAKE_C_IDENTIFIER "${source}" identifier)
      file(WRITE "${bundle}/${source}" "typedef int ${identifier}_is_not_needed;\n")
    else()
      file(WRITE "${bundle}/${source}" "/* not needed */\n")
    endif()
  endif()
endforeach()
