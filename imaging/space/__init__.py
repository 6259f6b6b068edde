"""Operations on arrays in space: orientation, resampling, clean-up."""
