/* int128: a name for the compiler's 128-bit integers that a pedantic build accepts. */
#ifndef FTH_INT128_H
#define FTH_INT128_H

__extension__ typedef __int128 fth_i128;
__extension__ typedef unsigned __int128 fth_u128;

#endif
