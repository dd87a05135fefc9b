# Finds CoACD (convex decomposition) as its wheel brings it (tools/venv.sh):
#   COACD_ROOT   the folder that holds lib_coacd.so; -D COACD_ROOT=... names another
# Gives the target coacd::coacd. The wheel has no header: worldmill/import/convex_pieces.cpp declares the three functions.
set(COACD_ROOT "${PROJECT_SOURCE_DIR}/.venv/lib/python3.11/site-packages/coacd" CACHE PATH "Where CoACD is")

find_file(CoACD_LIBRARY lib_coacd.so PATHS "${COACD_ROOT}" NO_DEFAULT_PATH)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CoACD
  REQUIRED_VARS CoACD_LIBRARY
  REASON_FAILURE_MESSAGE "run tools/venv.sh, which installs it, or give -D COACD_ROOT=<folder>")

if(CoACD_FOUND AND NOT TARGET coacd::coacd)
  add_library(coacd::coacd SHARED IMPORTED GLOBAL)
  set_target_properties(coacd::coacd PROPERTIES IMPORTED_LOCATION "${CoACD_LIBRARY}" IMPORTED_NO_SONAME ON)
endif()
