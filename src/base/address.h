/*
 * address: where something comes from, as far as one caller has it to himself.
 *
 * Thread rule: no shared state.
 */
#ifndef FTH_ADDRESS_H
#define FTH_ADDRESS_H

#include "base/str.h"

enum { FTH_PLACE_MAX = 101 };

/* The place of an address as text: of IPv6 the network of 64 bits ("2001:db8::/64"), whose other
 * half whoever has it chooses; an IPv4 address as such, also one that is written as IPv6. What is
 * no address stands for itself, cut to FTH_PLACE_MAX - 1 bytes. */
void fth_address_place(struct fth_str address, char out[FTH_PLACE_MAX]);

#endif
