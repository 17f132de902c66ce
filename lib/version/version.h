/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What was built, and of what; the same for all programs of a build.
 */
#ifndef SLUICE_VERSION_H
#define SLUICE_VERSION_H

/** "0.1.0 (git 0123456789ab, DPDK 22.11.11)": the release, the commit, with a "+" if the tree was
 * changed since, and the DPDK that it was built with. "no git" where nobody could tell. */
extern const char sluice_version[];

#endif /* SLUICE_VERSION_H */
