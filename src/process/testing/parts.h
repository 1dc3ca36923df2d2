#pragma once
// What the test executable does when it is started as `<self> __part NAME …`.

namespace writ::process {

// argv[0] is the part's name. Returns the exit code.
int play_part(int argc, char** argv);

}  // namespace writ::process
