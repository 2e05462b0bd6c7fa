/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#if !defined(JOBS_GTK_INSIDE) && !defined(JOBS_GTK_COMPILATION)
#error "Only <asyncjobs-gtk.h> can be included directly."
#endif

/* The version is that of asyncjobs itself: JOBS_CHECK_VERSION() */

#ifndef _JOBS_GTK_EXTERN
#define _JOBS_GTK_EXTERN extern
#endif

#define JOBS_GTK_AVAILABLE_IN_1_0 _JOBS_GTK_EXTERN
