/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The end of an attachment: of a failed ADD's as of a DEL's.
 */
#ifndef SLUICE_CNI_RELEASE_H
#define SLUICE_CNI_RELEASE_H

#include "attachment.h"

/**
 * Give the VF back as it was found, and forget the attachment. What is gone already is no error.
 *
 * @return CNI_TRY_AGAIN: sluiced is away, the VF is not; the attachment is kept, as whoever gets
 *         the VF next would have what was set for this one
 */
int release(struct cni *cni, const struct attachment *attachment);

#endif /* SLUICE_CNI_RELEASE_H */
