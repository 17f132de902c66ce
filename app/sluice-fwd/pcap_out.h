/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A pcap file with a BPF filter in front of it. libpcap only; one thread at a time.
 */
#ifndef SLUICE_FWD_PCAP_OUT_H
#define SLUICE_FWD_PCAP_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct pcap_out;

/**
 * Compile the filter, then create the file.
 *
 * @param filter  pcap-filter(7); NULL: everything
 * @param why     WHY_BYTES; says what is wrong when NULL is returned
 * @return NULL and errno: EINVAL the filter, EIO the file
 */
struct pcap_out *pcap_out_open(const char *file, const char *filter, uint32_t snaplen_bytes,
			       char *why);

/**
 * Write one frame if it matches.
 *
 * @param bytes       of @p data; never above the snaplen
 * @param wire_bytes  that the frame had
 * @return true: it matched
 */
bool pcap_out_write(struct pcap_out *out, const struct timespec *when, const uint8_t *data,
		    uint32_t bytes, uint32_t wire_bytes);

/* Hand what was written to the kernel. False: the file is incomplete (a full disk, say). */
bool pcap_out_flush(struct pcap_out *out);

void pcap_out_close(struct pcap_out *out);

#endif /* SLUICE_FWD_PCAP_OUT_H */
