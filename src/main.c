#include <stdio.h>

#include "base/fault.h"

int main(void)
{
    fth_fault_from_env();
    puts("farthing");
    return 0;
}
