#include "base/fault.h"
#include "cli/cli.h"

int main(int argc, char **argv)
{
    fth_fault_from_env();
    return fth_cli_main(argc, argv);
}
