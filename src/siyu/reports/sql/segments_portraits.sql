SELECT segment, steadiness, agreement, agreement_low, agreement_high, tastes, stages, hour_from, hour_to
FROM segment_portraits
