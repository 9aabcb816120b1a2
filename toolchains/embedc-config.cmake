# SPDX-License-Identifier: 0BSD
# find_package(embedc): embedc_add_model(), which compiles a model when the project is built.
#
#   cmake -Dembedc_DIR=$(embedc --cmake-dir) …
#
#   embedc_add_model(<name> MODEL <file.onnx> [TARGET <target>] [CPU <cpu>] [OPTIONS <option>…] [OUT_DIR <folder>] [DEPENDS <file or target>…])
#
# adds the library <name>::<name>. TARGET and CPU default to those of the toolchain file, else to this machine's. OPTIONS go to
# the command line of embedc; the bundle lies in OUT_DIR, by default embedc/<name> in the build tree. embedc runs again when
# the model, its external data, the options or embedc itself change. (Makefiles of CMake before 3.20 take no notice of
# external data: name it in DEPENDS.)

# Functions keep the policies of where they are written: from 3.20 on depfiles hold absolute paths (CMP0116).
cmake_policy(VERSION 3.16...3.31)

set(EMBEDC_COMMAND "" CACHE STRING "How to call embedc (a list); empty: it is looked for")
if(NOT EMBEDC_COMMAND)
  # Each time anew, as embedc_DIR may have changed. Beside this file's own Python first: in a checkout, then where the package is installed.
  unset(EMBEDC_PROGRAM CACHE)
  find_program(EMBEDC_PROGRAM embedc
    HINTS "${CMAKE_CURRENT_LIST_DIR}/../.venv/bin" "${CMAKE_CURRENT_LIST_DIR}/../../../../../../bin" NO_CMAKE_FIND_ROOT_PATH)
  mark_as_advanced(EMBEDC_PROGRAM)
  if(EMBEDC_PROGRAM)
    set(_embedc_command "${EMBEDC_PROGRAM}")
  else()
    find_package(Python3 QUIET COMPONENTS Interpreter)
    set(_embedc_command "${Python3_EXECUTABLE}" -m embedc)
  endif()
else()
  set(_embedc_command ${EMBEDC_COMMAND})
endif()

execute_process(COMMAND ${_embedc_command} --version
  RESULT_VARIABLE _embedc_result OUTPUT_VARIABLE _embedc_output ERROR_VARIABLE _embedc_error OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT _embedc_result STREQUAL "0" OR NOT _embedc_output MATCHES "^embedc (.*)$")
  set(embedc_FOUND FALSE)
  set(embedc_NOT_FOUND_MESSAGE
    "'${_embedc_command} --version' does not run embedc (${_embedc_result}): install it (pip install embedc) or set EMBEDC_COMMAND")
  return()
endif()
set(embedc_VERSION "${CMAKE_MATCH_1}")
# Set at each configuration, for embedc_add_model in any folder.
set_property(GLOBAL PROPERTY EMBEDC_COMMAND_FOUND "${_embedc_command}")
set_property(GLOBAL PROPERTY EMBEDC_VERSION_FOUND "${embedc_VERSION}")
set_property(GLOBAL PROPERTY EMBEDC_CMAKE_FOLDER "${CMAKE_CURRENT_LIST_DIR}")

function(embedc_add_model name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "MODEL;TARGET;CPU;OUT_DIR" "OPTIONS;DEPENDS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "embedc_add_model(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  elseif(arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "embedc_add_model(${name}): no value after ${arg_KEYWORDS_MISSING_VALUES}")
  elseif(NOT arg_MODEL)
    message(FATAL_ERROR "embedc_add_model(${name}): MODEL is missing")
  endif()
  foreach(option IN LISTS arg_OPTIONS)
    if(option MATCHES "^(--target|--cpu|--name|--out-dir|--depfile|--depfile-target)(=|$)" OR option MATCHES "^-o")
      message(FATAL_ERROR "embedc_add_model(${name}): ${option} cannot be one of OPTIONS: TARGET, CPU, OUT_DIR and the name say it")
    endif()
  endforeach()
  if(NOT arg_TARGET AND EMBEDC_TARGET)
    set(arg_TARGET "${EMBEDC_TARGET}")
    if(NOT arg_CPU)
      set(arg_CPU "${EMBEDC_CPU}")
    endif()
  elseif(NOT arg_TARGET AND CMAKE_CROSSCOMPILING)
    message(FATAL_ERROR "embedc_add_model(${name}): TARGET is missing, and the toolchain file does not set EMBEDC_TARGET")
  elseif(NOT arg_TARGET)
    set(arg_TARGET host)
  endif()
  if(NOT arg_OUT_DIR)
    set(arg_OUT_DIR "embedc/${name}")
  endif()
  get_filename_component(EMBEDC_BUNDLE "${arg_OUT_DIR}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
  get_filename_component(model "${arg_MODEL}" ABSOLUTE)
  get_property(embedc GLOBAL PROPERTY EMBEDC_COMMAND_FOUND)
  set(chosen --target "${arg_TARGET}")
  if(arg_CPU)
    list(APPEND chosen --cpu "${arg_CPU}")
  endif()

  execute_process(COMMAND ${embedc} cmake --project "${name}" ${chosen}
    RESULT_VARIABLE result OUTPUT_VARIABLE project ERROR_VARIABLE error)
  if(NOT result STREQUAL "0")
    message(FATAL_ERROR "embedc_add_model(${name}): ${error}${result}")
  endif()
  set(work "${CMAKE_CURRENT_BINARY_DIR}/embedc/${name}.project")
  _embedc_write("${work}/CMakeLists.txt" "${project}")
  set(arguments "${model}" --name "${name}" ${chosen} --quiet ${arg_OPTIONS})
  set(depends "${model}" ${arg_DEPENDS})
  add_subdirectory("${work}" "${work}/build")
endfunction()

# Called in the project that embedc_add_model makes: the rule for the sources of the library, whose names are fixed.
function(_embedc_build_step name)
  get_property(embedc GLOBAL PROPERTY EMBEDC_COMMAND_FOUND)
  get_property(version GLOBAL PROPERTY EMBEDC_VERSION_FOUND)
  get_property(folder GLOBAL PROPERTY EMBEDC_CMAKE_FOLDER)
  set(outputs "")
  foreach(file ${name}.h ${ARGN})
    list(APPEND outputs "${EMBEDC_BUNDLE}/${file}")
  endforeach()
  # CMake from 3.20 on reads a depfile for every generator and takes absolute paths; before, Ninja wants its own relative ones.
  set(rule "${EMBEDC_BUNDLE}/${name}.h")
  set(reads "")
  if(NOT CMAKE_VERSION VERSION_LESS 3.20)
    set(reads DEPFILE "${CMAKE_CURRENT_BINARY_DIR}/${name}.d")
  elseif(CMAKE_GENERATOR STREQUAL "Ninja")
    set(reads DEPFILE "${CMAKE_CURRENT_BINARY_DIR}/${name}.d")
    file(RELATIVE_PATH rule "${CMAKE_BINARY_DIR}" "${rule}")
  endif()
  set(command ${embedc} ${arguments} -o "${EMBEDC_BUNDLE}" --depfile "${CMAKE_CURRENT_BINARY_DIR}/${name}.d" --depfile-target "${rule}")
  # A file, because Makefiles do not notice that a command has changed.
  set(step "${CMAKE_CURRENT_BINARY_DIR}/${name}.step.cmake")
  set(text "# embedc ${version}\nset(command")
  foreach(word IN LISTS command)
    string(APPEND text " [==[${word}]==]")
  endforeach()
  string(APPEND text ")\nset(sources ${ARGN})\nset(bundle [==[${EMBEDC_BUNDLE}]==])\n")
  set(list "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${name}.dir/compiler_depend.internal")
  string(APPEND text "set(dependencies [==[${list}]==])\ninclude([==[${folder}/build-step.cmake]==])\n")
  _embedc_write("${step}" "${text}")
  foreach(place ../compiler/embedc ../..)
    if(EXISTS "${folder}/${place}/__init__.py")
      list(APPEND depends "${folder}/${place}/__init__.py") # holds the version
    endif()
  endforeach()
  add_custom_command(OUTPUT ${outputs}
    COMMAND "${CMAKE_COMMAND}" -P "${step}"
    DEPENDS "${step}" "${folder}/build-step.cmake" ${depends}
    ${reads}
    COMMENT "embedc: ${name}"
    VERBATIM)
endfunction()

# Leaves a file that holds the text already as it is.
function(_embedc_write path text)
  set(old "")
  if(EXISTS "${path}")
    file(READ "${path}" old)
  endif()
  if(NOT old STREQUAL text)
    file(WRITE "${path}" "${text}")
  endif()
endfunction()
