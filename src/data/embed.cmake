# cmake -DINPUT=file -DOUTPUT=source.cpp -DNAME=identifier -P embed.cmake
# Writes the bytes of a file as the array neurocuda::data::<identifier>, and their number as <identifier>_size.
file(READ ${INPUT} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes
                     "${bytes}")
get_filename_component(file_name ${INPUT} NAME)
file(WRITE ${OUTPUT}
     "// Generated from ${file_name} by embed.cmake.\n"
     "#include <cstddef>\n#include <cstdint>\n"
     "namespace neurocuda::data {\n"
     "extern const std::uint8_t ${NAME}[];\nextern const std::size_t ${NAME}_size;\n"
     "const std::uint8_t ${NAME}[] = {\n${bytes}};\n"
     "const std::size_t ${NAME}_size = ${size};\n"
     "}  // namespace neurocuda::data\n")
