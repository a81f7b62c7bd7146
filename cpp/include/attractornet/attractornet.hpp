/// @file
/// Everything, for those who do not mind the compile time.
#pragma once

#include <attractornet/analysis/feedback_origin.hpp>
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/dynamics/feedback_trajectory.hpp>
#include <attractornet/dynamics/integrate.hpp>
#include <attractornet/systems/feedback_network.hpp>
