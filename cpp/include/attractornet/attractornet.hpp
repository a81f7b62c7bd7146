/// @file
/// Everything, for those who do not mind the compile time.
#pragma once

#include <attractornet/analysis/attractors.hpp>
#include <attractornet/analysis/classify.hpp>
#include <attractornet/analysis/correlation_dimension.hpp>
#include <attractornet/analysis/feedback_origin.hpp>
#include <attractornet/analysis/hopfield_mean_field.hpp>
#include <attractornet/analysis/lyapunov.hpp>
#include <attractornet/analysis/recurrence.hpp>
#include <attractornet/analysis/zero_one.hpp>
#include <attractornet/dynamics/dense_memory_recall.hpp>
#include <attractornet/dynamics/dormand_prince.hpp>
#include <attractornet/dynamics/feedback_trajectory.hpp>
#include <attractornet/dynamics/hopfield_recalls.hpp>
#include <attractornet/dynamics/integrate.hpp>
#include <attractornet/dynamics/trajectory.hpp>
#include <attractornet/scan/feedback.hpp>
#include <attractornet/scan/hopfield.hpp>
#include <attractornet/scan/rules.hpp>
#include <attractornet/systems/dense_memory_network.hpp>
#include <attractornet/systems/feedback_network.hpp>
#include <attractornet/systems/hopfield_continuous_network.hpp>
#include <attractornet/systems/hopfield_network.hpp>
#include <attractornet/systems/textbook_flows.hpp>
#include <attractornet/systems/textbook_maps.hpp>
