"""Operations on arrays in space: orientation, resampling, pieces, volumes."""
