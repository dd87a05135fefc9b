# Finds MuJoCo 4 as its wheel mujoco-core brings it (tools/venv.sh) or as its release archives unpack:
#   MUJOCO_ROOT   the folder that holds include/mujoco/mujoco.h; -D MUJOCO_ROOT=... names another
# Gives the target mujoco::mujoco. The wheel has no libmujoco.so, only libmujoco.so.<version>: found by its pattern.
set(MUJOCO_ROOT "${PROJECT_SOURCE_DIR}/.venv/lib/python3.11/site-packages/mujoco" CACHE PATH "Where MuJoCo is")

set(MuJoCo_INCLUDE_DIR "${MUJOCO_ROOT}/include")
if(NOT EXISTS "${MuJoCo_INCLUDE_DIR}/mujoco/mujoco.h")
  unset(MuJoCo_INCLUDE_DIR)
endif()
file(GLOB MuJoCo_CANDIDATES "${MUJOCO_ROOT}/libmujoco.so*" "${MUJOCO_ROOT}/lib/libmujoco.so*")
list(SORT MuJoCo_CANDIDATES)
list(POP_BACK MuJoCo_CANDIDATES MuJoCo_LIBRARY)  # the fullest version
if(MuJoCo_INCLUDE_DIR)
  file(STRINGS "${MuJoCo_INCLUDE_DIR}/mujoco/mujoco.h" MuJoCo_VERSION_LINE REGEX "#define mjVERSION_HEADER +[0-9]+")
  string(REGEX MATCH "[0-9]+$" MuJoCo_VERSION_NUMBER "${MuJoCo_VERSION_LINE}")
  if(MuJoCo_VERSION_NUMBER)
    math(EXPR MuJoCo_MAJOR "${MuJoCo_VERSION_NUMBER} / 1000000")
    math(EXPR MuJoCo_MINOR "${MuJoCo_VERSION_NUMBER} / 1000 % 1000")
    math(EXPR MuJoCo_PATCH "${MuJoCo_VERSION_NUMBER} % 1000")
    set(MuJoCo_VERSION "${MuJoCo_MAJOR}.${MuJoCo_MINOR}.${MuJoCo_PATCH}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MuJoCo
  REQUIRED_VARS MuJoCo_LIBRARY MuJoCo_INCLUDE_DIR
  VERSION_VAR MuJoCo_VERSION
  REASON_FAILURE_MESSAGE "run tools/venv.sh, which installs it, or give -D MUJOCO_ROOT=<folder>")

if(MuJoCo_FOUND AND NOT TARGET mujoco::mujoco)
  add_library(mujoco::mujoco SHARED IMPORTED GLOBAL)
  set_target_properties(mujoco::mujoco PROPERTIES
    IMPORTED_LOCATION "${MuJoCo_LIBRARY}"
    IMPORTED_NO_SONAME OFF
    INTERFACE_INCLUDE_DIRECTORIES "${MuJoCo_INCLUDE_DIR}")
endif()
