/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The structures of kept.c's books, for layout.py to read: compiled, and never linked. */

#include "pf.h"
#include "service.h"

extern struct vf_service books_of_service;
extern struct pf books_of_driver;

struct vf_service books_of_service;
struct pf books_of_driver;
